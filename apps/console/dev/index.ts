export { createMockApi, type MockOptions } from './mock/index.ts';
