# The suite's parts as plugins: how verdicts are reached, and the fixtures.
pytest_plugins = ("verdicts", "surroundings", "waiting", "descriptors", "sockets", "readiness", "compiling",
                  "every_call")
