"""WeChat: signing in from the mini-program, and the messages that its users have agreed to."""
