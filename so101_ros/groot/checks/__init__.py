"""Does a profile fit a model, and does the model see what it was trained with?"""
