def generate(seed,number,held_out): return iter(())
