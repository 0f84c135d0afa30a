// What TypeScript cannot see in the portal's JavaScript: options in a constant may have any member,
// and the local host's modules may export what Wix's do not.

import { elevate } from 'wix-auth';
import wixData from 'wix-data';
import { fetch } from 'wix-fetch';
import { ok, response } from 'wix-http-functions';
import wixLocation from 'wix-location-frontend';
import { files } from 'wix-media.v2';
import { currentMember } from 'wix-members-backend';
import { members } from 'wix-members.v2';
import { publish } from 'wix-realtime-backend';
import wixRealtime, { subscribe } from 'wix-realtime-frontend';
import { secrets } from 'wix-secrets-backend.v2';
import { Permissions, webMethod } from 'wix-web-module';
import wixWindow from 'wix-window-frontend';
import type { WixDataApi, WixDataQuery, WixDataResult } from '@wix/wix-data-items-common';
import type * as sdkSecrets from '@wix/auto_sdk_secrets_secrets';
import type * as sdkFiles from '@wix/auto_sdk_media_files';
import type * as sdkMembers from '@wix/auto_sdk_members_members';
import type * as essentials from '@wix/essentials';
import type { CONSISTENT, ELEVATED } from 'backend/data.js';
import type * as auth from './host/shims/wix-auth.js';
import type data from './host/shims/wix-data.js';
import type * as fetches from './host/shims/wix-fetch.js';
import type * as httpFunctions from './host/shims/wix-http-functions.js';
import type * as media from './host/shims/wix-media.v2.js';
import type * as membersBackend from './host/shims/wix-members-backend.js';
import type * as membersV2 from './host/shims/wix-members.v2.js';
import type * as realtime from './host/shims/wix-realtime-backend.js';
import type * as secretsV2 from './host/shims/wix-secrets-backend.v2.js';
import type * as webModule from './host/shims/wix-web-module.js';
import type location from './host/browser/wix-location-frontend.js';
import type * as realtimeFrontend from './host/browser/wix-realtime-frontend.js';
import type seo from './host/browser/wix-seo-frontend.js';
import type window from './host/browser/wix-window-frontend.js';

/** Names of `Ours` that `Theirs` does not have. The default export of a module is not named. */
type Unknown<Ours, Theirs> = 0 extends 1 & Theirs ? 'their types were not found' : Exclude<keyof Ours, keyof Theirs | 'default'>;

/** An error if there are any. */
type None<Names extends never> = Names;

type Resolved<T> = T extends (...args: never[]) => Promise<infer Value> ? Value : never;
type Query = ReturnType<typeof data.query>;
type DataOptions = NonNullable<Parameters<WixDataApi['get']>[2]> & NonNullable<Parameters<WixDataQuery['find']>[0]> & NonNullable<Parameters<WixDataApi['save']>[2]>;

export type Checks = [
  // Only a site's backend has suppressAuth: https://dev.wix.com/docs/velo/apis/wix-data/wix-data-options
  None<Unknown<typeof ELEVATED, DataOptions & { suppressAuth: boolean }>>,
  None<Unknown<typeof CONSISTENT, DataOptions & { suppressAuth: boolean }>>,
  None<Unknown<typeof auth, typeof essentials.auth>>,
  None<Unknown<typeof data, WixDataApi>>,
  None<Unknown<Query, WixDataQuery>>,
  None<Unknown<Resolved<Query['find']>, WixDataResult>>,
  None<Unknown<typeof fetches, typeof import('wix-fetch')>>,
  None<Unknown<typeof httpFunctions, typeof import('wix-http-functions')>>,
  None<Unknown<typeof media.files, typeof sdkFiles>>,
  None<Unknown<typeof membersBackend, typeof import('wix-members-backend')>>,
  None<Unknown<typeof membersBackend.currentMember, typeof import('wix-members-backend').currentMember>>,
  None<Unknown<typeof membersV2.members, typeof sdkMembers>>,
  None<Unknown<typeof realtime, typeof import('wix-realtime-backend')>>,
  None<Unknown<typeof realtimeFrontend, typeof import('wix-realtime-frontend')>>,
  None<Unknown<typeof secretsV2.secrets, typeof sdkSecrets>>,
  None<Unknown<typeof webModule, typeof import('wix-web-module')>>,
  None<Unknown<typeof webModule.Permissions, typeof import('wix-web-module').Permissions>>,
  None<Unknown<typeof location, typeof import('wix-location')>>,
  None<Unknown<typeof location.queryParams, typeof import('wix-location').queryParams>>,
  None<Unknown<typeof seo, typeof import('wix-seo')>>,
  None<Unknown<typeof window, typeof import('wix-window')>>,
  None<Unknown<typeof window.multilingual, typeof import('wix-window').multilingual>>,
];

// Each of these is a mistake. If TypeScript takes one of them, it has not found the types.

export const mistakes = () => [
  // @ts-expect-error
  elevat(secrets.getSecretValue),
  // @ts-expect-error
  elevate(secrets.getSecret),
  // @ts-expect-error
  elevate(files.generateFileDownloadUrl)('id', { contentDisposition: 'attached' }),
  // @ts-expect-error
  elevate(members.getMember)('id', { fieldset: ['FULL'] }),
  // @ts-expect-error
  currentMember.getMembers(),
  // @ts-expect-error
  fetch('https://example.com', { methods: 'POST' }),
  // @ts-expect-error
  wixData.query('PartnerLinks').equals('memberId', '1').find(),
  // @ts-expect-error
  wixData.query('PartnerLinks').find({ consistent: true }),
  // @ts-expect-error
  wixData.bulkDelete('PartnerLinks', ['1']),
  // @ts-expect-error
  wixLocation.queryParams.set({}),
  // @ts-expect-error
  wixWindow.multilingual.language,
  // @ts-expect-error
  webMethod(Permissions.Member, () => null),
  // @ts-expect-error
  publish({ name: 'gridwix', resource: 'everybody' }, {}),
  // @ts-expect-error
  subscribe({ name: 'gridwix', resource: 'everybody' }, () => null),
  // @ts-expect-error
  wixRealtime.unsubscribe('id'),
  // @ts-expect-error
  response({ code: 200 }),
  // @ts-expect-error
  ok({ status: 200 }),
];
