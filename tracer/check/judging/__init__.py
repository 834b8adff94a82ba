"""One chain at a time: does it hold, is it the figure it should be, which one is wrong?"""
