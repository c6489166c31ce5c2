"""The web page: public programme, chat, health.  No account, no script from elsewhere, nothing to build."""
