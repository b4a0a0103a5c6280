// Loaded before a program whose peak of memory is wanted
process.on("exit", () => console.error(`peak ${process.resourceUsage().maxRSS} KiB`))
