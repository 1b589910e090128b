import { ConnectorMappers } from 'botframework-connector/lib/connectorApi/connectorClient.js';

/**
 * The connector client 4.23.3 sends only the members that it knows: `mentioned.type` of a tag and everything in an
 * entity beyond `type` are lost on the way. Lets them through; may be called any number of times.
 */
export function keepUnknownFields(): void {
  for (const mapper of [ConnectorMappers.Entity, ConnectorMappers.ChannelAccount]) {
    mapper.type.additionalProperties = { type: { name: 'Object' } };
  }
}
