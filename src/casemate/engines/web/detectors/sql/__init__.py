"""SQL injection by grammar: does the value, put bare or inside quotes into a statement, change the statement?"""
