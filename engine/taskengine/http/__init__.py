"""The wire: an engine's server, with Nitro's own routes, and ours."""
