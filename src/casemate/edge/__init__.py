"""How everybody else's traffic travels: load balancers, distributions, APIs, DNS."""
