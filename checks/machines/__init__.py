"""How virtual machines are made."""
