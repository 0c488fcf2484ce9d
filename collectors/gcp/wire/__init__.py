"""How requests travel to Google.  Kept apart, since it needs the SDK, which only who reads Google Cloud installs."""
