"""Read clouds: collectors fetch documents as answered and shape them into cloud-neutral facts."""
