fondsShard("hidden-f72ac8d3","/o/c6wARGgADAAABAAEBBwABBAAAAAA=");
