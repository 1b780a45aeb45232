"""What does the work, and knows nothing of AWS requests, storage or sockets."""
