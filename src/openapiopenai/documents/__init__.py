"""What every model is made of: typed properties of a JSON object, checked and written exactly.

None of these modules is in the generated package; its models are made of
pydantic's classes instead.
"""
