"""Every action of the console, once: keys, footer, help and palette are all made from these."""
