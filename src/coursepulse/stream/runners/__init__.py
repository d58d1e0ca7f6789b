"""What drives processors. Every runner brings out the same outputs, under the same ids."""
