"""CAPTCHA and Challenge: what a browser is asked to do, and the token that says it did."""
