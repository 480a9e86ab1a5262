export {type FetchedData, fetchDataset} from '../io/data/fetch-dataset.ts';
