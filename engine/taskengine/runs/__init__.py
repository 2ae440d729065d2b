"""How a run goes, from the call that asks for it to its final state."""
