"""What anybody on the internet can reach."""
