"""The console's screens. All but the main one are imported when they are opened."""
