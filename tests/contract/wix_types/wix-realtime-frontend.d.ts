// A file of its own, since the package exports this type only inside a generic one, and a module
// inside modules.d.ts cannot name a path.
import * as wixRealtime from './node_modules/@wix/site-realtime/dist/types/wix-realtime-frontend.types';

export * from './node_modules/@wix/site-realtime/dist/types/wix-realtime-frontend.types';
export default wixRealtime;
