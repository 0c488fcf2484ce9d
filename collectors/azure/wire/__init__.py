"""How requests travel to Azure.  Kept apart, since it needs the SDK, which only those who read Azure install."""
