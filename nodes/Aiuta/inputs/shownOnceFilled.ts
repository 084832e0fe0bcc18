/** Fields that matter once another one is filled in. */
import type { INodeProperties } from 'n8n-workflow';

/**
 * Show a field once another one is filled in, be it with an expression. The editor applies display rules to
 * what expressions give, and takes one that cannot give anything yet for empty text (observed on n8n 2.40),
 * while a run applies them to what was entered. So there are two rules, of which one holds at a time, and
 * a hidden field that looks at what was entered.
 */
export function shownOnceFilled(field: INodeProperties, other: INodeProperties): INodeProperties[] {
	return [
		{
			displayName: `${other.displayName} Is Filled`,
			name: markerOf(other),
			type: 'hidden',
			default: `={{ $rawParameter.${other.name} !== "" }}`,
		},
		...twoRules(field, other),
	];
}

function markerOf({ name }: INodeProperties): string {
	return `${name}IsFilled`;
}

function twoRules(field: INodeProperties, other: INodeProperties) {
	const shown = (hide: NonNullable<INodeProperties['displayOptions']>['hide']) => ({
		...field,
		displayOptions: { hide: { ...field.displayOptions?.hide, ...hide } },
	});
	return [
		shown({ [other.name]: [''] }),
		shown({ [other.name]: [{ _cnd: { not: '' } }], [markerOf(other)]: [{ _cnd: { not: true } }] }),
	];
}
