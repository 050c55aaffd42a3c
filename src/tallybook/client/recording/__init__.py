"""How events leave an application: queued at once, journaled soon, sent in the background."""
