"""Partner requests as the intake, the request publisher and the reconciler know them: submissions, orders, rows and the inbox."""
