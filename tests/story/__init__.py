"""The story of the main job, from a deal to a QuickBooks invoice and back (`make demo`).

Every scene acts as people and programs do, then checks what the two vendors really hold, through the sandbox's control
door and not through our own tables.
"""
