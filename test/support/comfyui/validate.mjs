/** @typedef {import('./nodes.mjs').NodeClass} NodeClass */

/**
 * What ComfyUI says of a prompt before it takes it.
 * @param {Record<string, any>} prompt
 * @param {Record<string, NodeClass>} classes
 * @param {import('./nodes.mjs').Site} site
 * @returns {{ error: object | null, nodeErrors: Record<string, any>, outputs: string[] }} outputs: the nodes to run for
 */
export function validate(prompt, classes, site) {
  for (const [id, node] of Object.entries(prompt))
    if (!Object.hasOwn(classes, node.class_type))
      return refusal(
        'missing_node_type',
        `Node '${node.class_type}' not found. The custom node may not be installed.`,
        {
          details: `Node ID '#${id}'`,
          extra_info: { node_id: id, class_type: node.class_type },
        },
      )
  const ends = Object.keys(prompt).filter((id) => classes[prompt[id].class_type]?.isOutput)
  if (ends.length === 0) return refusal('prompt_no_outputs', 'Prompt has no outputs')

  /** @type {Record<string, any>} */
  const nodeErrors = {}
  const outputs = ends.filter((end) => {
    const faulty = nodesBehind(prompt, end).flatMap((id) => {
      const errors = faultsOf(id, prompt, classes, site)
      if (errors.length)
        nodeErrors[id] = { errors, dependent_outputs: [end], class_type: prompt[id].class_type }
      return errors
    })
    return faulty.length === 0
  })
  if (outputs.length) return { error: null, nodeErrors, outputs }
  return { ...refusal('prompt_outputs_failed_validation', 'Prompt outputs failed validation'), nodeErrors }
}

const refusal = (/** @type {string} */ type, /** @type {string} */ message, rest = {}) => ({
  error: { type, message, details: '', extra_info: {}, ...rest },
  nodeErrors: {},
  outputs: [],
})

const isLink = (/** @type {any} */ value) => Array.isArray(value) && value.length === 2

/**
 * What a node takes from, before itself.
 * @param {Record<string, any>} prompt
 * @param {string} end
 * @param {Set<string>} seen
 * @returns {string[]}
 */
export function nodesBehind(prompt, end, seen = new Set()) {
  if (seen.has(end) || !Object.hasOwn(prompt, end)) return []
  seen.add(end)
  const before = Object.values(prompt[end].inputs)
    .filter(isLink)
    .flatMap(([id]) => nodesBehind(prompt, id, seen))
  return [...before, end]
}

/**
 * @param {string} id
 * @param {Record<string, any>} prompt
 * @param {Record<string, NodeClass>} classes
 * @param {import('./nodes.mjs').Site} site
 */
function faultsOf(id, prompt, classes, site) {
  const { inputs, class_type } = prompt[id]
  const { required = {}, optional = {}, check } = classes[class_type] ?? {}
  const faults = Object.entries({ ...required, ...optional }).flatMap(([name, spec]) => {
    const fault = (/** @type {string} */ type, /** @type {string} */ message, details = name) => [
      {
        type,
        message,
        details,
        extra_info: { input_name: name, input_config: spec, received_value: inputs[name] },
      },
    ]
    if (!Object.hasOwn(inputs, name))
      return name in required ? fault('required_input_missing', 'Required input is missing') : []
    const value = inputs[name]
    const [type, options = {}] = spec
    if (isLink(value)) {
      const [from, slot] = value
      const given = classes[prompt[from]?.class_type]?.output[slot]
      if (given === undefined)
        return fault('bad_linked_input', 'Bad linked input, must be a length-2 list of [node_id, slot_index]')
      return given === type
        ? []
        : fault(
            'return_type_mismatch',
            'Return type mismatch between linked nodes',
            `${name}, received_type(${given}) mismatch input_type(${type})`,
          )
    }
    const choices = Array.isArray(type) ? type : type === 'COMBO' ? options.options : undefined
    if (choices && !check && !choices.includes(value))
      return fault(
        'value_not_in_list',
        'Value not in list',
        `${name}: '${value}' not in [${choices.map((/** @type {string} */ each) => `'${each}'`).join(', ')}]`,
      )
    if (type === 'INT' || type === 'FLOAT') {
      if (Number.isNaN(Number(value)))
        return fault(
          'invalid_input_type',
          `Failed to convert an input value to a ${type} value`,
          `${name}, ${value}`,
        )
      if (value < options.min)
        return fault('value_smaller_than_min', `Value ${value} smaller than min of ${options.min}`)
      if (value > options.max)
        return fault('value_bigger_than_max', `Value ${value} bigger than max of ${options.max}`)
    }
    return []
  })
  if (faults.length || !check) return faults
  const said = check(inputs, site)
  return said
    ? [
        {
          type: 'custom_validation_failed',
          message: 'Custom validation failed for node',
          details: said,
          extra_info: {},
        },
      ]
    : []
}
