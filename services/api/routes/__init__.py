"""The routes, a module for each thing that can be asked for; each makes its router from the process's resources."""
