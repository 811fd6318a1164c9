"""The demo web: small sites under .test for the demo and the tests."""
