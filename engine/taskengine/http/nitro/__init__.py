"""The routes that Nitro's own clients and platforms know, and the files by which they find us."""
