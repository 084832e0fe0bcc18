/** Makes a certificate that nobody vouches for, in DER by hand (ITU-T X.690, RFC 5280). */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_ID = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const VERSION_FIELD = 0xa0;
const EXTENSIONS_FIELD = 0xa3;
const DNS_NAME = 0x82;

/** Object identifiers: ecdsa-with-SHA256 (RFC 5758), commonName and subjectAltName (RFC 5280). */
const ECDSA_WITH_SHA256 = Buffer.from('2a8648ce3d040302', 'hex');
const COMMON_NAME = Buffer.from('550403', 'hex');
const SUBJECT_ALT_NAME = Buffer.from('551d11', 'hex');

function der(tag: number, ...contents: Buffer[]): Buffer {
	const content = Buffer.concat(contents);
	const length = content.length;
	const size = length < 128 ? [length] : [0x82, length >> 8, length & 0xff];
	return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function utcTime(date: Date): Buffer {
	const digits = date.toISOString().replace(/[-:T]/g, '').slice(2, 14);
	return der(UTC_TIME, Buffer.from(`${digits}Z`));
}

function bits(content: Buffer): Buffer {
	return der(BIT_STRING, Buffer.of(0), content);
}

/** Make a key and a certificate for a host name, valid for an hour to either side of now. */
export function selfSigned(hostName: string): { key: string; cert: string } {
	const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
	const algorithm = der(SEQUENCE, der(OBJECT_ID, ECDSA_WITH_SHA256));
	const commonName = der(OBJECT_ID, COMMON_NAME);
	const attribute = der(SEQUENCE, commonName, der(UTF8_STRING, Buffer.from('sandbox')));
	const name = der(SEQUENCE, der(SET, attribute));
	const hourMs = 3_600_000;
	const altName = der(SEQUENCE, der(DNS_NAME, Buffer.from(hostName)));
	const extension = der(SEQUENCE, der(OBJECT_ID, SUBJECT_ALT_NAME), der(OCTET_STRING, altName));
	const toBeSigned = der(
		SEQUENCE,
		der(VERSION_FIELD, der(INTEGER, Buffer.of(2))),
		der(INTEGER, Buffer.of(1), randomBytes(8)),
		algorithm,
		name,
		der(SEQUENCE, utcTime(new Date(Date.now() - hourMs)), utcTime(new Date(Date.now() + hourMs))),
		name,
		publicKey.export({ type: 'spki', format: 'der' }),
		der(EXTENSIONS_FIELD, der(SEQUENCE, extension)),
	);
	const certificate = der(
		SEQUENCE,
		toBeSigned,
		algorithm,
		bits(sign('sha256', toBeSigned, privateKey)),
	);
	const base64 = certificate.toString('base64').replace(/.{64}/g, '$&\n');
	return {
		key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
		cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
	};
}
