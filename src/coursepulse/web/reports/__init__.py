"""Pages and letters that are sent by e-mail at regular times: who gets which, and making them."""
