"""Suppositions: a copy of some routers, made from pictures, is stepped through a supposed future."""
