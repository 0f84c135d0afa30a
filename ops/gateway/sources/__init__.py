"""Tools for the gateway's sources that read files, such as a partner list of the hub.

They propose the declaration of a source (the YAML file that says how rows become records), and
preview which records of the gateway a file, or a folder of documents, would change.
"""
