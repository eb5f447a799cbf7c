"""`make mutants`: are the tests of what must never be wrong able to notice that it is?"""
