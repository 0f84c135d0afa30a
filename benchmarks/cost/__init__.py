"""What gridwix costs on AWS: ``make cost``.

======================  ============================================================================
``prices``              list prices, with the page of each
``billing``             units as AWS bills them, and their price: pure
``idle``                what a stack costs that nothing happens in: pure, from the template
``cloud``               AWS for the functions of one run: counts each of their requests
``worker``              a process that runs one function, as an execution environment does
``scenario``            changes in Trading Grid, through all functions that they concern
``__main__``            the report
======================  ============================================================================

The functions are the real ones and make real requests. Trading Grid and Wix are the emulators.
DynamoDB is moto's; bus, queues and secrets are in memory, with the rules of the template.
"""
