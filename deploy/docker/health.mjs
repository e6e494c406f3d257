// For health checks inside of the image, which has no curl: exit code 0 when /health of the named port answers 200.
const port = process.argv[2] ?? process.env.PORT ?? '8080';
const response = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(4000) }).catch(() => {});
process.exit(response?.status === 200 ? 0 : 1);
