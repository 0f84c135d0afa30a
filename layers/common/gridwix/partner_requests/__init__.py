"""Submissions, orders, rows and the inbox, which the form intake, the request publisher and the
reconciler share.
"""
