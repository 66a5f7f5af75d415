"""The doctor's home visit: for people who cannot walk well; the clinic decides and charges, nobody else reads why."""
