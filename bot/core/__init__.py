"""Pure decisions: standard library only, no input or output, no clock, no chance; time is an argument."""
