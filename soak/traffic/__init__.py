"""The traffic of the soak test: seeded acts of people and systems on both sides, and fault storms.

- ``shape``: how much of what; ``population``: who and what there is.
- ``scene``: the world as the traffic sees it; ``ports``: what it asks of the models.
- ``records``: new records; ``partners``, ``cases``, ``enrollments``, ``notices``, ``library``,
  ``transactions``, ``requests``: the hub's work on them; ``oddities``: malformed and huge ones.
- ``members``, ``submissions``, ``posts``, ``visitors``: what happens on the portal.
- ``deliveries``, ``site_events``: the webhooks of Trading Grid and of the site.
- ``workload``: everything of it, in virtual time; ``storms``: faults and when they happen.
- ``adapters``: the models as the traffic sees them.
"""
