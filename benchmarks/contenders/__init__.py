"""Who answers the questions, each in a module of its own."""
