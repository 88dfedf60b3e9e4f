/** @file What S3 says when it says no: every code this server can answer with, its status and words. */

/** Status and default message for each code. Callers may put better words; the status never changes. */
const catalogue = {
  AccessControlListNotSupported: [400, 'The bucket does not allow ACLs.'],
  AccessDenied: [403, 'Access Denied'],
  AuthorizationHeaderMalformed: [400, 'The authorization header that you provided is not valid.'],
  AuthorizationQueryParametersError: [400, 'The authorization query parameters are not valid.'],
  BadDigest: [400, 'The checksum you specified did not match what was received.'],
  BucketAlreadyOwnedByYou: [409, 'The bucket that you tried to create already exists.'],
  BucketNotEmpty: [409, 'The bucket that you tried to delete is not empty.'],
  ConditionalRequestConflict: [409, 'A conflicting operation occurred during this request.'],
  EntityTooLarge: [400, 'Your proposed upload exceeds the maximum allowed object size.'],
  EntityTooSmall: [400, 'Your proposed upload is smaller than the minimum allowed object size.'],
  ExpiredToken: [400, 'The provided token has expired.'],
  IllegalVersioningConfigurationException: [400, 'The versioning configuration is not valid.'],
  IncompleteBody: [400, 'The body is not as long as the headers of the request say.'],
  InternalError: [500, 'An internal error occurred. Please try again.'],
  InvalidAccessKeyId: [403, 'The access key ID that you provided does not exist here.'],
  InvalidArgument: [400, 'Invalid argument.'],
  InvalidBucketName: [400, 'The specified bucket is not valid.'],
  InvalidChunkSizeError: [403, 'Only the last chunk may have fewer than 8192 bytes.'],
  InvalidDigest: [400, 'The Content-MD5 that you specified is not valid.'],
  ObjectNotInActiveTierError: [403, 'The source object is not in the active tier.'],
  InvalidObjectState: [403, 'The operation is not valid for the storage class of the object.'],
  InvalidPart: [
    400,
    'One or more of the specified parts could not be found, or its ETag did not match.',
  ],
  InvalidPartOrder: [400, 'The list of parts was not in ascending order.'],
  InvalidRange: [416, 'The requested range is not satisfiable.'],
  InvalidRequest: [400, 'Invalid request.'],
  InvalidStorageClass: [400, 'The storage class you specified is not valid.'],
  InvalidTag: [400, 'The tag provided was not a valid tag.'],
  InvalidToken: [400, 'The provided token is malformed or otherwise not valid.'],
  InvalidURI: [400, 'The specified URI could not be parsed.'],
  KeyTooLongError: [400, 'Your key is too long.'],
  MalformedTrailerError: [400, 'The trailing headers of the request were not well formed.'],
  MalformedXML: [400, 'The XML that you provided was not well formed or did not fit the schema.'],
  MaxMessageLengthExceeded: [400, 'Your request was too large.'],
  MetadataTooLarge: [400, 'Your metadata headers exceed the maximum allowed metadata size.'],
  MethodNotAllowed: [405, 'The specified method is not allowed against this resource.'],
  MissingContentLength: [411, 'You must provide the Content-Length HTTP header.'],
  NoSuchBucket: [404, 'The specified bucket does not exist.'],
  NoSuchBucketPolicy: [404, 'The bucket policy does not exist.'],
  NoSuchCORSConfiguration: [404, 'The CORS configuration does not exist.'],
  NoSuchKey: [404, 'The specified key does not exist.'],
  NoSuchLifecycleConfiguration: [404, 'The lifecycle configuration does not exist.'],
  NoSuchTagSet: [404, 'The tag set does not exist.'],
  NoSuchUpload: [
    404,
    'The specified upload does not exist. It may have been aborted or completed.',
  ],
  NoSuchVersion: [404, 'The specified version does not exist.'],
  NoSuchWebsiteConfiguration: [404, 'The bucket does not have a website configuration.'],
  NotImplemented: [501, 'This server does not offer the functionality that you asked for.'],
  ObjectLockConfigurationNotFoundError: [
    404,
    'Object Lock configuration does not exist for this bucket.',
  ],
  PreconditionFailed: [412, 'At least one of the preconditions that you specified did not hold.'],
  NotModified: [304, 'Not Modified'],
  ReplicationConfigurationNotFoundError: [404, 'The replication configuration was not found.'],
  RequestTimeTooSkewed: [
    403,
    'The difference between the request time and the server’s time is too large.',
  ],
  RestoreAlreadyInProgress: [409, 'Object restore is already in progress.'],
  SecondLevelDomainForbidden: [403, 'The bucket must be addressed as a part of the host’s name.'],
  SlowDown: [503, 'Please reduce your request rate.'],
  SignatureDoesNotMatch: [403, 'The signature that we calculated does not match the one provided.'],
  XAmzContentSHA256Mismatch: [
    400,
    'The provided x-amz-content-sha256 header does not match what was computed.',
  ],
} as const satisfies Record<string, readonly [status: number, message: string]>;

export type ErrorCode = keyof typeof catalogue;

/** A refusal that becomes the XML answer of a request. Anything else that is thrown becomes InternalError. */
export class S3Error extends Error {
  override readonly name = 'S3Error';
  readonly code: ErrorCode;
  readonly status: number;
  /** Further elements of the XML, such as `Region`. */
  readonly fields: Readonly<Record<string, string | number>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ErrorCode,
    message?: string,
    more: {
      fields?: Readonly<Record<string, string | number>>;
      headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(message ?? catalogue[code][1]);
    this.code = code;
    this.status = catalogue[code][0];
    this.fields = more.fields ?? {};
    this.headers = more.headers ?? {};
  }
}
