// Reads a log by JMeter's own code, as its listeners open one; prints the samples, the failures and the sum of their ms.
import org.apache.jmeter.reporters.ResultCollector;
import org.apache.jmeter.samplers.SampleResult;
import org.apache.jmeter.save.CSVSaveService;
import org.apache.jmeter.util.JMeterUtils;
import org.apache.jmeter.visualizers.Visualizer;

class Jtl implements Visualizer {
    long samples, failures, ms;

    public void add(SampleResult sample) {
        samples++;
        failures += sample.isSuccessful() ? 0 : 1;
        ms += sample.getTime();
    }

    public boolean isStats() {
        return false;
    }

    public static void main(String[] arguments) throws Exception {
        JMeterUtils.setJMeterHome("/usr/share/jmeter");
        JMeterUtils.loadJMeterProperties("/usr/share/jmeter/bin/jmeter.properties");
        Jtl seen = new Jtl();
        CSVSaveService.processSamples(arguments[0], seen, new ResultCollector());
        System.out.println(seen.samples + " " + seen.failures + " " + seen.ms);
    }
}
