"""Reads Microsoft Azure and Entra: subscriptions through Resource Manager, the directory through Microsoft Graph."""
