"""What people agree to: texts in their versions, and who has agreed to which, for which recipient, and how."""
