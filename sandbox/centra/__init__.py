"""The Centra side of the sandbox: an Integration API with its queue, its ids and its oddities.

Written from what is publicly known of the API alone. `unverified.graphql` holds every field whose
exact form was not seen, with the evidence for it; the other files hold what is evidenced.

A later resource (shipments, returns, products, stock, …) is one `.graphql` file that extends Query
and Mutation, one module of records, and one module of resolvers listed in `sandbox.centra.api`.
"""
