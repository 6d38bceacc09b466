"""What is known of readers is forgotten: by itself after some days (`lapses`), all of one person's when that is asked
for (`person`, `exporting`, `erasing`). `emptying` takes words and author out of a comment, `searching` looks whether
anything is left.
"""
