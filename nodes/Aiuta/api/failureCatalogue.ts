/**
 * Every failure the node can report: the catalogue that messages, retry advice and the documentation
 * are made from.
 */
/**
 * Whether Aiuta charges for the product that failed in this way: `ifStarted` says that the operation ID
 * of the failed item tells, `maybe` that nobody can.
 */
export type Paid = 'no' | 'ifStarted' | 'maybe' | 'yes';

interface FailureKind {
	/** What happened, without the particulars. */
	happened: string;
	/** What it comes from; for the documentation. */
	why: string;
	/** What the user should do next. */
	advice: string;
	/** Whether what caused it can go away while the item stays as it is. */
	canPass: boolean;
	paid: Paid;
}

export const FAILURES = {
	INVALID_PARAMETER: {
		happened: 'A parameter or an input field cannot be used',
		why: 'A value is missing, has the wrong form or is out of bounds; often an expression gives nothing for this item.',
		advice: 'Correct it in the node, or in the data that its expression reads.',
		canPass: false,
		paid: 'no',
	},
	NOT_AN_IMAGE: {
		happened: 'A file is not a photo',
		why: 'The field or URL leads to a page, a document or an empty file.',
		advice: 'Check which binary field or URL is used; it must hold the picture itself.',
		canPass: false,
		paid: 'no',
	},
	IMAGE_NOT_FETCHED: {
		happened: 'A source image could not be fetched from its URL',
		why: 'The address is wrong or not public, or the host did not answer in time.',
		advice: 'Open the URL in a browser: it must be public, https, and lead to an image.',
		canPass: true,
		paid: 'no',
	},
	API_MISMATCH: {
		happened: 'The node and the credential are set to different APIs',
		why: 'A key belongs to one API, and the credential says which.',
		advice:
			'Set API in the node to the one of the credential, or choose a credential with a key for the API of the node.',
		canPass: false,
		paid: 'no',
	},
	KEY_REFUSED: {
		happened: 'Aiuta refused the API key',
		why: 'The key is mistyped, was withdrawn, or belongs to another API (HTTP 401 or 403).',
		advice:
			'Open the Aiuta API credential and enter the key again; n8n tests it when you save. It must be a key for this API.',
		canPass: true,
		paid: 'ifStarted',
	},
	PAYMENT_REQUIRED: {
		happened: 'Aiuta refused the request because of the plan or balance',
		why: 'The plan does not include it, or the balance is used up (HTTP 402).',
		advice: 'Check the plan and balance of your Aiuta account, then use Executions > Retry.',
		canPass: true,
		paid: 'ifStarted',
	},
	RATE_LIMITED: {
		happened: 'Aiuta kept refusing requests because of the rate limit',
		why: 'Every request was answered with 429 for a quarter of an hour; others may use the same key.',
		advice: 'Lower Requests per Second under Batching, or use Executions > Retry later.',
		canPass: true,
		paid: 'ifStarted',
	},
	HOST_UNREACHABLE: {
		happened: 'The Aiuta API could not be reached',
		why: 'No connection could be opened: a wrong address, a network fault or an outage.',
		advice:
			'Check the Base URL of the credential and the network of the n8n server, then use Executions > Retry.',
		canPass: true,
		paid: 'ifStarted',
	},
	CERTIFICATE_REFUSED: {
		happened: 'The certificate of the Aiuta API could not be verified',
		why: 'The certificate has expired, is self-signed or belongs to another host.',
		advice: 'Check the Base URL of the credential and any proxy that intercepts https.',
		canPass: false,
		paid: 'no',
	},
	REDIRECTED: {
		happened: 'The Aiuta API answered with a redirect',
		why: 'The Base URL is not the API itself.',
		advice: 'Check the Base URL of the credential; the key is never sent to another address.',
		canPass: false,
		paid: 'no',
	},
	UPLOAD_REFUSED: {
		happened: 'Aiuta refused a photo',
		why: 'Aiuta cannot read the photo or does not accept it.',
		advice: 'Replace or correct the photo. No operation was created for this product.',
		canPass: false,
		paid: 'no',
	},
	UPLOAD_FAILED: {
		happened: 'A photo could not be uploaded',
		why: 'Aiuta or the network failed several times.',
		advice: 'Retry later; uploads are free. No operation was created for this product.',
		canPass: true,
		paid: 'no',
	},
	CREATE_REFUSED: {
		happened: 'Aiuta refused to create the operation',
		why: 'Aiuta does not accept a field or an image of the request.',
		advice: 'Correct what the answer of Aiuta names. Nothing was paid for.',
		canPass: false,
		paid: 'no',
	},
	CREATE_NOT_SENT: {
		happened: 'The request to create the operation could not be delivered',
		why: 'The connection was never opened, or Aiuta said that it has not processed the request.',
		advice: 'Retry later. The operation was not created and nothing was paid for.',
		canPass: true,
		paid: 'no',
	},
	CREATE_OUTCOME_UNKNOWN: {
		happened: 'The operation may have been accepted, but its ID was not received',
		why: 'The connection broke, the server failed or the execution was stopped before the ID came back.',
		advice:
			'It is not sent again, so that you do not pay twice. Look for it in your Aiuta account; if it is not there, run this product again in a new execution.',
		canPass: false,
		paid: 'maybe',
	},
	OPERATION_FAILED: {
		happened: 'Aiuta ended the operation without success',
		why: 'The status is FAILED, CANCELLED or ABORTED; the reason is the one Aiuta gives.',
		advice:
			'Read the reason, change the photos or product fields, and run this product in a new execution.',
		canPass: false,
		paid: 'yes',
	},
	OPERATION_NOT_FOUND: {
		happened: 'Aiuta knows no operation with this ID',
		why: 'The ID is wrong, or belongs to another API or account.',
		advice:
			'Check the operation ID, the API, and that the key belongs to the account that created it.',
		canPass: false,
		paid: 'maybe',
	},
	NO_IMAGES: {
		happened: 'The operation succeeded, but Aiuta lists no image for it',
		why: 'The status is SUCCESS and the list of images stayed empty.',
		advice: 'Ask for it again with Get Operation; if it stays empty, contact Aiuta with the ID.',
		canPass: true,
		paid: 'yes',
	},
	STATE_UNKNOWN: {
		happened: 'The state of the operation could not be read',
		why: 'Aiuta or the network failed whenever the state was asked for.',
		advice: 'Use Wait for Operation with the operation ID.',
		canPass: true,
		paid: 'yes',
	},
	TIMED_OUT: {
		happened: 'The operation was not finished within the maximum wait',
		why: 'Generation takes longer than Max Wait; human review takes hours.',
		advice: 'Use Wait for Operation with the operation ID, next time with a longer Max Wait.',
		canPass: true,
		paid: 'yes',
	},
	DOWNLOAD_FAILED: {
		happened: 'The operation succeeded, but its pictures could not be downloaded',
		why: 'The file host failed, or the address has expired.',
		advice:
			'Use Wait for Operation with the operation ID, or Generated Image > Download with the URLs in the failed item.',
		canPass: true,
		paid: 'ifStarted',
	},
	IMAGE_NOT_FOUND: {
		happened: 'Aiuta knows no image with this ID',
		why: 'The ID is wrong, or the image was deleted.',
		advice: 'Check the image ID; an image that was deleted cannot be found again.',
		canPass: false,
		paid: 'no',
	},
	REQUEST_REFUSED: {
		happened: 'Aiuta refused the request',
		why: 'Aiuta does not accept the request.',
		advice: 'Correct what the answer of Aiuta names.',
		canPass: false,
		paid: 'no',
	},
	REQUEST_FAILED: {
		happened: 'The request to Aiuta failed',
		why: 'Aiuta or the network failed several times.',
		advice: 'Retry later; it is safe to repeat.',
		canPass: true,
		paid: 'no',
	},
	NOT_STARTED: {
		happened: 'The product was not started',
		why: 'An earlier failure keeps everything new from being started: On Error = Stop, or a refused key.',
		advice: 'Remove the cause named in the message and retry. Nothing was paid for.',
		canPass: true,
		paid: 'no',
	},
	NOTES_LOST: {
		happened: 'n8n started this retry without the notes of what this node has created',
		why: 'The execution was killed or stopped while it ran; n8n saves the notes when the node ends.',
		advice:
			'Use a ledger; without one, take the operation IDs from the log of n8n to Wait for Operation.',
		canPass: false,
		paid: 'maybe',
	},
	LEDGER_FAILED: {
		happened: 'The ledger cannot be used',
		why: 'The data table is missing, lacks a column or is full, or the database of n8n did not answer.',
		advice:
			'Nothing was sent for this item. Do what the message says, or clear the field Ledger to run without one.',
		canPass: true,
		paid: 'no',
	},
	BUDGET_REACHED: {
		happened: 'The limit of operations for this day or month is reached',
		why: 'Max Operations per Day or per Month counts the operations of all executions that use the ledger.',
		advice:
			'Nothing was sent for what exceeds it. Raise the limit, or run it again in the next period.',
		canPass: true,
		paid: 'no',
	},
	UNEXPECTED: {
		happened: 'The node met a situation it was not made for',
		why: 'A defect of the node, or an answer that nobody foresaw.',
		advice:
			'Report this error to the maintainers of this node. If an operation ID is given, take it up with Wait for Operation.',
		canPass: false,
		paid: 'maybe',
	},
	CANCELLED: {
		happened: 'The execution was stopped before this was finished',
		why: 'Somebody pressed Stop, or the time limit of the workflow was reached.',
		advice:
			'If an operation ID is given, the operation goes on at Aiuta: take it up with Wait for Operation, not with Executions > Retry. With a ledger, run the workflow again.',
		canPass: true,
		paid: 'ifStarted',
	},
} as const satisfies Record<string, FailureKind>;

export type FailureCode = keyof typeof FAILURES;
